//! The keeper: a thread that looks after the handlers at work. It swaps in modules whose files have
//! changed, and ends them all when one fails or someone says stop.
//!
//! Modules are compiled on a thread of their own, one at a time, so that the keeper always listens.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::heart::Heart;
use super::post::{Opening, Post, Swap, Workshop, attempts_at_a_time};
use super::stamp::Stamp;
use crate::api::{Metrics, Reload};
use crate::cli::Failure;
use crate::cli::loaded::Loaded;
use crate::store::StoreError;

/// Files are looked at this often.
const LOOK: Duration = Duration::from_secs(1);

enum Order {
    /// Every module is to be read anew, whether its file seems to have changed or not.
    ReadAll,
    Compiled {
        place: usize,
        loaded: Box<Result<Loaded, Failure>>,
    },
    Stop,
}

/// Handlers at work, with the one who looks after them.
pub struct Keeper {
    orders: Sender<Order>,
    heart: Heart,
    thread: JoinHandle<Result<(), StoreError>>,
}

/// Tells a keeper what to do, from where signals are caught.
#[derive(Clone)]
pub struct KeeperOrders(Sender<Order>);

impl KeeperOrders {
    pub fn read_all(&self) {
        // A keeper that has ended has nothing to read.
        let _ = self.0.send(Order::ReadAll);
    }

    /// What runs is finished and settled, what is only claimed is given back.
    pub fn stop(&self) {
        let _ = self.0.send(Order::Stop);
    }
}

impl Keeper {
    /// Puts the handlers to work.
    pub fn start(openings: Vec<Opening>, workshop: Workshop) -> Result<Self, Failure> {
        let posts = openings.into_iter().map(|opening| Post::open(opening, &workshop));
        let posts = posts.collect::<Result<Vec<_>, _>>()?;
        let (orders, inbox) = crossbeam_channel::unbounded();
        let heart = Heart::beating();
        let watch = Watch {
            posts,
            workshop,
            orders: orders.clone(),
            heart: heart.clone(),
            to_read: VecDeque::new(),
            is_reading: false,
        };
        let thread = std::thread::Builder::new().name("evq-keeper".into()).spawn(move || watch.run(&inbox));
        let thread = thread.map_err(|e| Failure::work(format!("the machine gives no thread: {e}")))?;
        Ok(Keeper { orders, heart, thread })
    }

    pub fn orders(&self) -> KeeperOrders {
        KeeperOrders(self.orders.clone())
    }

    /// Beats while all handlers get on.
    pub fn heart(&self) -> Heart {
        self.heart.clone()
    }

    /// Waits for the end.
    ///
    /// # Errors
    /// The storage failure that ended it, if one did.
    pub fn join(self) -> Result<(), StoreError> {
        let panicked = |_| Err(StoreError::Stopped { reason: "the keeper panicked".into() });
        self.thread.join().unwrap_or_else(panicked)
    }
}

/// What the keeper's thread knows.
struct Watch {
    posts: Vec<Post>,
    workshop: Workshop,
    orders: Sender<Order>,
    heart: Heart,
    /// Places of the modules to read, in turn.
    to_read: VecDeque<usize>,
    is_reading: bool,
}

impl Watch {
    fn run(mut self, inbox: &Receiver<Order>) -> Result<(), StoreError> {
        let ended = self.attend(inbox);
        self.posts.iter().for_each(Post::stop);
        let closed = self.posts.into_iter().map(Post::close).fold(Ok(()), Result::and);
        ended.and(closed)
    }

    fn attend(&mut self, inbox: &Receiver<Order>) -> Result<(), StoreError> {
        loop {
            match inbox.recv_timeout(LOOK) {
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
                Ok(Order::ReadAll) => self.to_read = (0..self.posts.len()).collect(),
                Ok(Order::Compiled { place, loaded }) => self.take(place, *loaded),
                Err(RecvTimeoutError::Timeout) => self.look(),
            }
            self.posts.iter_mut().try_for_each(Post::look_after)?;
            if self.posts.iter().all(Post::gets_on) {
                self.heart.beat();
            }
            self.read_next();
        }
    }

    fn look(&mut self) {
        for (place, post) in self.posts.iter_mut().enumerate() {
            let now = Stamp::of(&post.settings.module);
            if post.watched.is_new_and_whole(now) && !self.to_read.contains(&place) {
                self.to_read.push_back(place);
            }
        }
    }

    /// Has the next module compiled, if none is.
    fn read_next(&mut self) {
        if self.is_reading {
            return;
        }
        let Some(place) = self.to_read.pop_front() else { return };
        let post = &mut self.posts[place];
        post.watched.read_now(Stamp::of(&post.settings.module));
        let (settings, workers, orders) = (post.settings.clone(), self.workshop.workers, self.orders.clone());
        let compile = move || {
            let loaded = Box::new(Loaded::anew(&settings, attempts_at_a_time(workers)));
            // At the end nobody wants it any more.
            let _ = orders.send(Order::Compiled { place, loaded });
        };
        self.is_reading = std::thread::Builder::new().name("evq-compiler".into()).spawn(compile).is_ok();
    }

    fn take(&mut self, place: usize, loaded: Result<Loaded, Failure>) {
        self.is_reading = false;
        let post = &mut self.posts[place];
        let metrics: &Arc<Metrics> = &self.workshop.listeners.metrics;
        let name = post.served.name.clone();
        match loaded.and_then(|loaded| post.swap(loaded, &self.workshop)) {
            Ok(Swap::Same) => post.served.kept_out(None),
            Ok(Swap::Done) => {
                metrics.reloaded(&name, Reload::Swapped);
                eprintln!(
                    "wasm-evq: handler {name:?} runs a new module, sha256 {}",
                    post.served.module().sha256
                );
            }
            Err(failure) => {
                metrics.reloaded(&name, Reload::KeptOut);
                post.served.kept_out(Some(failure.to_string()));
                eprintln!("wasm-evq: handler {name:?} goes on with the module it has: {failure}");
            }
        }
    }
}
