;; Counts its events in a global, in memory and in a table; answers with the largest of the three
;; counts. In a fresh instance that is 1.
(module
  (import "evq_v1" "output" (func $output (param i32 i32 i32)))
  (memory (export "memory") 1)
  (table $seen 8 funcref)
  (elem declare func $mark)
  (global $count (mut i32) (i32.const 0))

  (func $mark)

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (i32.const 1)))
    (if (i32.gt_u (i32.load (i32.const 64)) (global.get $count))
      (then (global.set $count (i32.load (i32.const 64)))))
    (if (i32.eqz (ref.is_null (table.get $seen (i32.const 7))))
      (then (global.set $count (i32.const 9))))
    (table.set $seen (i32.const 7) (ref.func $mark))
    (i32.store8 (i32.const 0) (i32.add (i32.const 0x30) (global.get $count)))
    (call $output (i32.const 0) (i32.const 0) (i32.const 1))
    (i32.const 0)))
