//! What is being measured, on stderr, on a terminal only.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget};

pub struct Progress {
    spinner: ProgressBar,
    rounds: usize,
}

impl Progress {
    pub fn start(rounds: usize) -> Self {
        let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if !spinner.is_hidden() {
            spinner.enable_steady_tick(Duration::from_millis(100));
        }
        Progress { spinner, rounds }
    }

    /// `round` counts from 0.
    pub fn tell(&self, round: usize, what: &str) {
        self.spinner.set_message(format!("round {} of {}: {what}", round + 1, self.rounds));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.spinner.finish_and_clear();
    }
}
