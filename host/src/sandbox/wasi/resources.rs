//! What a component holds handles of: streams, moments to wait for, HTTP bodies. As many as it may hold at a time.

use wasmtime::component::{Resource, ResourceTable};

use crate::event::{LimitExceeded, LimitName};
use crate::limits::RESOURCES_MAX;
use crate::sandbox::trap::Ended;

#[derive(Default)]
pub struct Resources {
    table: ResourceTable,
    count: u64,
}

impl Resources {
    /// A new handle.
    pub fn push<T: Send + 'static>(&mut self, resource: T) -> Result<Resource<T>, Ended> {
        let (used, max) = (self.count + 1, RESOURCES_MAX);
        if used > max {
            return Err(Ended::limit(LimitExceeded { name: LimitName::Resources, used, max }));
        }
        self.count = used;
        self.table.push(resource).map_err(|error| Ended::violation(error.to_string()))
    }

    /// What a handle is of.
    pub fn get<T: Send + 'static>(&self, handle: &Resource<T>) -> Result<&T, Ended> {
        self.table.get(handle).map_err(|error| Ended::violation(error.to_string()))
    }

    pub fn get_mut<T: Send + 'static>(&mut self, handle: &Resource<T>) -> Result<&mut T, Ended> {
        self.table.get_mut(handle).map_err(|error| Ended::violation(error.to_string()))
    }

    /// Gives what a handle was of; the handle is gone.
    pub fn take<T: Send + 'static>(&mut self, handle: Resource<T>) -> Result<T, Ended> {
        let taken = self.table.delete(handle).map_err(|error| Ended::violation(error.to_string()))?;
        self.count -= 1;
        Ok(taken)
    }

    /// The guest dropped its handle.
    pub fn drop<T: Send + 'static>(&mut self, rep: u32) -> Result<(), Ended> {
        self.take(Resource::<T>::new_own(rep)).map(drop)
    }
}
