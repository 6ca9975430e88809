//! An attempt's fuel, counted the same wherever its memory comes from.
//!
//! When an instance starts, wasmtime copies the module's data into its memory, a unit of fuel a byte.
//! Where the data was taken out of the module (see `resident`) it lies there already, but is paid for
//! all the same: its price is held back from the tank and put on the bill.
//!
//! Wasmtime asks "is the tank empty?" when a function is entered and when a loop goes round, the copying of data
//! included. Between the first such question of a start and the last one about data nothing else can
//! end the attempt, for only data and tables that surely fit are taken out. So an attempt that cannot
//! pay for its data ends there in both cases, and every later question gets the same answer.

/// The fuel of one attempt.
#[derive(Debug, Clone, Copy)]
pub struct Tank {
    /// What the attempt may use.
    pub fuel_max: u64,
    /// What it uses at its start without wasmtime's counting.
    pub held_back: u64,
}

impl Tank {
    /// What wasmtime is given. With one unit the first question ends the attempt, and yet it can be told
    /// from an attempt that was over before any code ran.
    pub fn filled(self) -> u64 {
        match self.held_back {
            0 => self.fuel_max,
            held_back => self.fuel_max.saturating_sub(held_back).max(1),
        }
    }

    /// What was used, when wasmtime says what is left.
    pub fn used(self, left: u64) -> u64 {
        match self.filled() - left {
            0 => 0,
            counted => (self.held_back + counted).min(self.fuel_max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tank;

    #[test]
    fn what_is_held_back_is_used_once_anything_ran() {
        let tank = Tank { fuel_max: 100, held_back: 30 };
        assert_eq!(tank.filled(), 70);
        assert_eq!([tank.used(70), tank.used(69), tank.used(0)], [0, 31, 100]);
    }

    #[test]
    fn a_tank_too_small_for_the_data_is_empty_at_the_start() {
        for fuel_max in [0, 29, 30, 31] {
            let tank = Tank { fuel_max, held_back: 30 };
            assert_eq!((tank.filled(), tank.used(0), tank.used(1)), (1, fuel_max, 0), "{fuel_max}");
        }
    }

    #[test]
    fn nothing_held_back_changes_nothing() {
        let tank = Tank { fuel_max: 100, held_back: 0 };
        assert_eq!((tank.filled(), tank.used(100), tank.used(58)), (100, 0, 42));
        assert_eq!(Tank { fuel_max: 0, held_back: 0 }.filled(), 0);
    }
}
