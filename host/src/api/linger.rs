//! A connection that is closed while its peer may still be sending, as after a body that was refused.
//!
//! Closed with bytes unread it would be reset, and the peer can lose the answer that it was not told
//! to expect yet. So what still comes is read and thrown away for a short while.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::bounds::{LINGER_BYTES_MAX, LINGER_SILENCE_MAX, LINGER_TIME_MAX};

/// Whether the last thing a peer was told is a refusal. True of one that was told nothing yet.
#[derive(Clone)]
pub struct Refused(Arc<AtomicBool>);

impl Refused {
    pub fn set(&self, is_refused: bool) {
        self.0.store(is_refused, Ordering::Relaxed);
    }
}

pub struct Lingering<S> {
    stream: S,
    refused: Refused,
    farewell: Option<Farewell>,
}

/// What a peer may still send.
struct Farewell {
    bytes_left: usize,
    ends_at: Instant,
    silence: Pin<Box<Sleep>>,
}

impl<S> Lingering<S> {
    pub fn new(stream: S) -> (Self, Refused) {
        let refused = Refused(Arc::new(AtomicBool::new(true)));
        (Lingering { stream, refused: refused.clone(), farewell: None }, refused)
    }
}

impl Farewell {
    fn begin() -> Self {
        let silence = Box::pin(sleep_until(Instant::now() + LINGER_SILENCE_MAX));
        Farewell { bytes_left: LINGER_BYTES_MAX, ends_at: Instant::now() + LINGER_TIME_MAX, silence }
    }

    /// Ready once the peer has closed its side, is silent, or has used up what it may.
    fn poll(&mut self, mut stream: Pin<&mut impl AsyncRead>, context: &mut Context<'_>) -> Poll<()> {
        let mut scratch = [0; 8192];
        loop {
            let mut read = ReadBuf::new(&mut scratch);
            match stream.as_mut().poll_read(context, &mut read) {
                Poll::Pending => return self.silence.as_mut().poll(context),
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(())) => {}
            }
            let bytes = read.filled().len();
            self.bytes_left = self.bytes_left.saturating_sub(bytes);
            if bytes == 0 || self.bytes_left == 0 || Instant::now() >= self.ends_at {
                return Poll::Ready(());
            }
            self.silence.as_mut().reset(self.ends_at.min(Instant::now() + LINGER_SILENCE_MAX));
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lingering<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Lingering<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Lingering { stream, refused, farewell } = self.get_mut();
        if farewell.is_none() {
            ready!(Pin::new(&mut *stream).poll_shutdown(context))?;
            if !refused.0.load(Ordering::Relaxed) {
                return Poll::Ready(Ok(()));
            }
        }
        let farewell = farewell.get_or_insert_with(Farewell::begin);
        farewell.poll(Pin::new(stream), context).map(Ok)
    }
}
