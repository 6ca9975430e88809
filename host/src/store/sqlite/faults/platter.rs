//! The disk below the page cache: of every file what a sync has made certain and what no sync has,
//! and the same of the folder's names.

use std::collections::BTreeMap;

use rand::RngExt;
use rand::rngs::SmallRng;

use super::sectors::{Change, survivor};

/// The files of a folder by name.
pub type Image = BTreeMap<String, Vec<u8>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileId(usize);

#[derive(Debug, Default)]
struct PlatterFile {
    synced: Vec<u8>,
    changes: Vec<Change>,
}

#[derive(Debug, Default)]
pub struct Platter {
    files: Vec<PlatterFile>,
    names: BTreeMap<String, FileId>,
    synced_names: BTreeMap<String, FileId>,
}

impl Platter {
    /// A disk at rest that holds these files.
    pub fn holding(image: &Image) -> Self {
        let mut platter = Platter::default();
        for (name, bytes) in image {
            let file = platter.create(name);
            platter.files[file.0].synced = bytes.clone();
        }
        platter.sync_names();
        platter
    }

    pub fn find(&self, name: &str) -> Option<FileId> {
        self.names.get(name).copied()
    }

    pub fn create(&mut self, name: &str) -> FileId {
        let file = FileId(self.files.len());
        self.files.push(PlatterFile::default());
        self.names.insert(name.to_owned(), file);
        file
    }

    pub fn delete(&mut self, name: &str) {
        self.names.remove(name);
    }

    pub fn change(&mut self, file: FileId, change: Change) {
        self.files[file.0].changes.push(change);
    }

    pub fn sync(&mut self, file: FileId) {
        let PlatterFile { synced, changes } = &mut self.files[file.0];
        changes.drain(..).for_each(|change| change.apply(synced));
    }

    pub fn sync_names(&mut self) {
        self.synced_names = self.names.clone();
    }

    /// A sync failed, and the page cache holds its pages for clean: no later sync writes them.
    pub fn forget_changes(&mut self, file: FileId) {
        self.files[file.0].changes.clear();
    }

    /// What is certain: all that a power cut is bound to leave.
    pub fn synced(&self) -> Image {
        let file = |(name, file): (&String, &FileId)| (name.clone(), self.files[file.0].synced.clone());
        self.synced_names.iter().map(file).collect()
    }

    /// What one power cut leaves.
    pub fn after_power_cut(&self, random: &mut SmallRng) -> Image {
        let names: BTreeMap<&String, ()> =
            self.names.keys().chain(self.synced_names.keys()).map(|name| (name, ())).collect();
        let mut image = Image::new();
        for name in names.into_keys() {
            let names = if random.random_bool(0.5) { &self.names } else { &self.synced_names };
            if let Some(file) = names.get(name) {
                let PlatterFile { synced, changes } = &self.files[file.0];
                image.insert(name.clone(), survivor(synced, changes, random));
            }
        }
        image
    }
}
