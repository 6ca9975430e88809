//! A range of addresses for one linear memory, and which of its pages are open for writing.

use super::image::Image;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// What the kernel protects by.
pub const PAGE_BYTES: usize = 4096;

const PAGES_PER_WORD: usize = 64;

/// Open pages that are cleared by writing. Beyond this, giving all pages back to the kernel costs
/// less, and the slot learns anew which pages its guests touch.
const CLEARED_PAGES_MAX: u32 = 256;

/// Pages that all slots together open one by one. Each that lies alone costs the kernel two mappings, of
/// which a process has 65,530 on Linux: a guest that touches every second page must not use them up, for
/// then nobody's page can be opened.
const SINGLE_PAGES_MAX: usize = 6144;

/// Pages that a slot may open one by one, however many slots there are.
const SINGLE_PAGES_MIN: usize = 8;

/// Slots made so far, none of which ever goes.
static SLOTS: AtomicUsize = AtomicUsize::new(0);

/// After a guest that touched more than that, so many of its successors are taken for large ones.
const LARGE_LIVES: u32 = 16;

/// Lives as long as the process: a fault on another thread may look at it at any time.
pub struct Slot {
    base: *mut u8,
    len: usize,
    /// Bytes that the memory in this slot has now; what lies beyond is nobody's.
    size: AtomicUsize,
    /// One bit a page.
    open: Box<[AtomicU64]>,
    /// How many bits are set.
    open_pages: AtomicU32,
    /// All words of `open` from this one on are zero.
    words_end: AtomicUsize,
    /// Memories still to be taken for large ones.
    large_lives: AtomicU32,
}

// SAFETY: the pointer is to a mapping that is never removed; what lies there is used by the one
// memory that holds the slot.
unsafe impl Send for Slot {}
// SAFETY: as above; everything else is atomic.
unsafe impl Sync for Slot {}

impl Slot {
    /// Reserves addresses for a memory of up to `len` bytes.
    pub fn reserve(len: usize) -> io::Result<Self> {
        let pages = len.div_ceil(PAGE_BYTES).max(1);
        let len = pages * PAGE_BYTES;
        // SAFETY: a new mapping, at an address of the kernel's choice.
        let base = unsafe { map(ptr::null_mut(), len, 0)? };
        let open = (0..pages.div_ceil(PAGES_PER_WORD)).map(|_| AtomicU64::new(0)).collect();
        SLOTS.fetch_add(1, Ordering::Relaxed);
        Ok(Slot {
            base,
            len,
            size: AtomicUsize::new(0),
            open,
            open_pages: AtomicU32::new(0),
            words_end: AtomicUsize::new(0),
            large_lives: AtomicU32::new(0),
        })
    }

    pub fn base(&self) -> *mut u8 {
        self.base
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn size(&self) -> usize {
        self.size.load(Ordering::Relaxed)
    }

    pub fn set_size(&self, size: usize) {
        self.size.store(size, Ordering::Relaxed);
    }

    /// Opens the page at an address, if it belongs to the memory in this slot. A large guest gets all
    /// pages of its memory together, which is one fault and one mapping; for others it is one page at a
    /// time, since their number is what every later attempt pays for. Called where a fault is handled, so
    /// it allocates nothing, takes no lock and cannot panic.
    pub fn open_at(&self, address: usize) -> bool {
        let Some(offset) = address.checked_sub(self.base as usize) else { return false };
        if offset >= self.size() {
            return false;
        }
        let page = offset / PAGE_BYTES;
        let is_opened = match self.is_large() {
            true => self.open_pages_of(0, self.size().div_ceil(PAGE_BYTES)),
            false => self.open_pages_of(page, page + 1),
        };
        // All of the slot is one mapping, and so the last that a kernel short of them refuses.
        is_opened || self.open_pages_of(0, self.len / PAGE_BYTES)
    }

    fn open_pages_of(&self, first: usize, end: usize) -> bool {
        // SAFETY: the range lies within this slot's mapping: no memory in it is larger.
        let start = unsafe { self.base.add(first * PAGE_BYTES) };
        let bytes = (end - first) * PAGE_BYTES;
        if protect(start, bytes, libc::PROT_READ | libc::PROT_WRITE).is_err() {
            return false;
        }
        for (word, bits) in words_of(first, end) {
            let before = self.open[word].fetch_or(bits, Ordering::Relaxed);
            self.open_pages.fetch_add((bits & !before).count_ones(), Ordering::Relaxed);
        }
        self.words_end.fetch_max((end - 1) / PAGES_PER_WORD + 1, Ordering::Relaxed);
        true
    }

    fn is_large(&self) -> bool {
        self.large_lives.load(Ordering::Relaxed) > 0 || self.open_pages() > cleared_pages_max()
    }

    fn open_pages(&self) -> u32 {
        self.open_pages.load(Ordering::Relaxed)
    }

    /// The words in which a bit can be set.
    fn used_words(&self) -> &[AtomicU64] {
        &self.open[..self.words_end.load(Ordering::Relaxed)]
    }

    /// Lays an image into a slot that holds nothing. Its pages can be read, and open when written.
    ///
    /// # Safety
    /// Nothing may use the memory in this slot.
    pub unsafe fn lay_in(&self, image: &Image) -> io::Result<()> {
        let bytes = image.bytes();
        if bytes.is_empty() {
            return Ok(());
        }
        // SAFETY: an image fits its module's memory, and so the slot.
        let start = unsafe { self.base.add(image.first_page() * PAGE_BYTES) };
        protect(start, bytes.len(), libc::PROT_READ | libc::PROT_WRITE)?;
        // SAFETY: the range was just opened, and nothing uses it.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), start, bytes.len()) };
        protect(start, bytes.len(), libc::PROT_READ)
    }

    /// Makes the slot hold the image it was given, and nothing but zeros beside it, again.
    ///
    /// # Safety
    /// Nothing may use the memory in this slot any more.
    pub unsafe fn clear(&self, image: &Image) -> io::Result<()> {
        self.set_size(0);
        let large_lives = self.large_lives.load(Ordering::Relaxed);
        self.large_lives.store(large_lives.saturating_sub(1), Ordering::Relaxed);
        if self.open_pages() > cleared_pages_max() {
            if large_lives == 0 {
                self.large_lives.store(LARGE_LIVES, Ordering::Relaxed);
            }
            // SAFETY: the caller's promise.
            return unsafe { self.give_back().and_then(|()| self.lay_in(image)) };
        }
        for (first, pages) in self.open_runs() {
            // SAFETY: these pages are open, and nothing uses them.
            unsafe { self.restore(first, first + pages, image) };
        }
        Ok(())
    }

    /// Drops all pages: what lies here is a new mapping.
    ///
    /// # Safety
    /// Nothing may use the memory in this slot any more.
    pub unsafe fn give_back(&self) -> io::Result<()> {
        // SAFETY: replaces this slot's own mapping.
        unsafe { map(self.base, self.len, libc::MAP_FIXED)? };
        self.used_words().iter().for_each(|word| word.store(0, Ordering::Relaxed));
        self.open_pages.store(0, Ordering::Relaxed);
        self.words_end.store(0, Ordering::Relaxed);
        Ok(())
    }

    /// Puts open pages into their first state: zeros, the image, zeros.
    ///
    /// # Safety
    /// The pages must be open, and nothing may use them.
    unsafe fn restore(&self, first: usize, end: usize, image: &Image) {
        let image_first = image.first_page().clamp(first, end);
        let image_end = image.end_page().clamp(image_first, end);
        // SAFETY: every range lies between `first` and `end`, and the image's within the image.
        unsafe {
            self.zero(first, image_first);
            if image_first < image_end {
                let offset = (image_first - image.first_page()) * PAGE_BYTES;
                let bytes = &image.bytes()[offset..][..(image_end - image_first) * PAGE_BYTES];
                let target = self.base.add(image_first * PAGE_BYTES);
                ptr::copy_nonoverlapping(bytes.as_ptr(), target, bytes.len());
            }
            self.zero(image_end, end);
        }
    }

    /// # Safety
    /// The pages must be open, and nothing may use them.
    unsafe fn zero(&self, first: usize, end: usize) {
        // SAFETY: the caller's promise.
        unsafe { ptr::write_bytes(self.base.add(first * PAGE_BYTES), 0, (end - first) * PAGE_BYTES) };
    }

    /// Open pages that lie together, as first page and number of pages.
    fn open_runs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.used_words().iter().enumerate().flat_map(|(index, word)| {
            let mut bits = word.load(Ordering::Relaxed);
            std::iter::from_fn(move || {
                let first = bits.trailing_zeros() as usize;
                if first == PAGES_PER_WORD {
                    return None;
                }
                let pages = (bits >> first).trailing_ones() as usize;
                let run = if pages == PAGES_PER_WORD { u64::MAX } else { ((1 << pages) - 1) << first };
                bits &= !run;
                Some((index * PAGES_PER_WORD + first, pages))
            })
        })
    }
}

/// Pages from `first` up to `end`, as words of the bits of pages.
fn words_of(first: usize, end: usize) -> impl Iterator<Item = (usize, u64)> {
    (first / PAGES_PER_WORD..end.div_ceil(PAGES_PER_WORD)).map(move |word| {
        let start = word * PAGES_PER_WORD;
        let below_end = u64::MAX >> (PAGES_PER_WORD - (end - start).min(PAGES_PER_WORD));
        (word, below_end & (u64::MAX << first.saturating_sub(start)))
    })
}

/// Open pages of one slot that are cleared by writing, and so stay open one by one.
fn cleared_pages_max() -> u32 {
    let share = SINGLE_PAGES_MAX / SLOTS.load(Ordering::Relaxed).max(1);
    u32::try_from(share.max(SINGLE_PAGES_MIN)).unwrap_or(u32::MAX).min(CLEARED_PAGES_MAX)
}

/// Changes what may be done with pages of a slot.
fn protect(start: *mut u8, bytes: usize, protection: libc::c_int) -> io::Result<()> {
    // SAFETY: both callers' ranges lie within a slot's own mapping; no memory is unmapped by this.
    match unsafe { libc::mprotect(start.cast(), bytes, protection) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Maps `len` bytes that nobody can access.
///
/// # Safety
/// With `MAP_FIXED`, nothing may use what was mapped there before.
unsafe fn map(at: *mut u8, len: usize, flags: libc::c_int) -> io::Result<*mut u8> {
    let flags = flags | libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: the caller's promise.
    let mapped = unsafe { libc::mmap(at.cast(), len, libc::PROT_NONE, flags, -1, 0) };
    if mapped == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    Ok(mapped.cast())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(slot: &Slot, offset: usize) {
        assert!(slot.open_at(slot.base() as usize + offset));
        // SAFETY: the page was just opened.
        unsafe { slot.base().add(offset).write(7) };
    }

    fn read(slot: &Slot, offset: usize) -> u8 {
        // SAFETY: only asked of open pages.
        unsafe { slot.base().add(offset).read() }
    }

    #[test]
    fn pages_are_words_of_bits() {
        assert_eq!(words_of(3, 4).collect::<Vec<_>>(), [(0, 1 << 3)]);
        assert_eq!(words_of(63, 65).collect::<Vec<_>>(), [(0, 1 << 63), (1, 1)]);
        assert_eq!(words_of(0, 128).collect::<Vec<_>>(), [(0, u64::MAX), (1, u64::MAX)]);
        assert_eq!(words_of(64, 64).count(), 0);
    }

    #[test]
    fn an_open_page_stays_open_and_is_cleared() {
        let slot = Slot::reserve(1 << 20).unwrap();
        slot.set_size(1 << 20);
        for offset in [0, 5 * PAGE_BYTES, 63 * PAGE_BYTES, 64 * PAGE_BYTES + 9, (1 << 20) - 1] {
            touch(&slot, offset);
        }
        let runs: Vec<_> = slot.open_runs().collect();
        assert_eq!(runs, [(0, 1), (5, 1), (63, 1), (64, 1), (255, 1)]);
        // SAFETY: nothing uses it.
        unsafe { slot.clear(&Image::default()).unwrap() };
        assert_eq!(slot.open_runs().count(), runs.len());
        assert_eq!(read(&slot, 64 * PAGE_BYTES + 9), 0);
        assert_eq!(read(&slot, (1 << 20) - 1), 0);
    }

    #[test]
    fn nothing_opens_beyond_the_memory_or_before_the_slot() {
        let slot = Slot::reserve(1 << 20).unwrap();
        assert!(!slot.open_at(slot.base() as usize));
        slot.set_size(PAGE_BYTES);
        assert!(!slot.open_at(slot.base() as usize + PAGE_BYTES));
        assert!(!slot.open_at(slot.base() as usize - 1));
        assert!(slot.open_at(slot.base() as usize + PAGE_BYTES - 1));
    }

    #[test]
    fn what_touches_much_is_given_back() {
        let slot = Slot::reserve(8 << 20).unwrap();
        slot.set_size(8 << 20);
        for page in 0..2048 {
            touch(&slot, page * PAGE_BYTES);
        }
        // SAFETY: nothing uses it.
        unsafe { slot.clear(&Image::default()).unwrap() };
        assert_eq!(slot.open_runs().count(), 0);
        slot.set_size(8 << 20);
        assert!(slot.open_at(slot.base() as usize));
        assert_eq!(read(&slot, 0), 0);
    }

    #[test]
    fn an_image_is_there_for_every_memory_whatever_the_last_one_wrote() {
        let image = Image::of(2, [5; 3 * PAGE_BYTES].to_vec(), 0);
        let slot = Slot::reserve(1 << 20).unwrap();
        // SAFETY: nothing uses it.
        unsafe { slot.lay_in(&image).unwrap() };
        for pages in [[1, 2], [3, 4], [4, 5]] {
            slot.set_size(1 << 20);
            pages.iter().for_each(|page| touch(&slot, page * PAGE_BYTES));
            // SAFETY: nothing uses it.
            unsafe { slot.clear(&image).unwrap() };
            let found = [1, 2, 3, 4, 5].map(|page| {
                slot.open_runs()
                    .any(|(first, n)| (first..first + n).contains(&page))
                    .then(|| read(&slot, page * PAGE_BYTES))
            });
            let expected = [Some(0), Some(5), Some(5), Some(5), Some(0)];
            assert!(
                found.iter().zip(expected).all(|(found, expected)| found.is_none() || *found == expected)
            );
        }
        assert_eq!(read(&slot, 2 * PAGE_BYTES), 5);
    }
}
