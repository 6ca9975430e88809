//! Progress of reading events, on stderr and on a terminal only.

use std::io::IsTerminal;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, Sender};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::observe::Tally;

const REDRAW: Duration = Duration::from_millis(100);

/// A line that redraws itself until finished.
pub struct Progress {
    drawing: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// `size_bytes` is the size of all inputs, where it is known; `message` says what stands behind the bar,
    /// from what was read and the time since the start.
    pub fn start(
        tally: Arc<Tally>,
        size_bytes: Option<u64>,
        message: impl Fn(&Tally, Duration) -> String + Send + 'static,
        wanted: bool,
    ) -> Self {
        if !wanted || !std::io::stderr().is_terminal() {
            return Progress { drawing: None };
        }
        let (stop, stopped) = crossbeam_channel::bounded::<()>(0);
        let draw = move || {
            let bar = bar(size_bytes);
            let started = Instant::now();
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(REDRAW) {
                bar.set_position(tally.read_bytes.get());
                bar.set_message(message(&tally, started.elapsed()));
            }
            bar.finish_and_clear();
        };
        let thread = std::thread::Builder::new().name("evq-progress".into()).spawn(draw);
        // Without a thread to draw with, the work goes on unseen.
        Progress { drawing: thread.ok().map(|thread| (stop, thread)) }
    }

    pub fn finish(self) {
        if let Some((stop, thread)) = self.drawing {
            drop(stop);
            let _ = thread.join();
        }
    }
}

fn bar(size_bytes: Option<u64>) -> ProgressBar {
    let (length, template) = match size_bytes.filter(|bytes| *bytes > 0) {
        Some(bytes) => (Some(bytes), "{bar:24} read {percent}%  {msg}"),
        None => (None, "{spinner} {msg}"),
    };
    let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(REDRAW);
    bar
}
