;; Works for some milliseconds on each event, and does well.
(module
  (memory (export "memory") 1)

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (local $steps i32)
    (loop $work
      (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
      (br_if $work (i32.lt_u (local.get $steps) (i32.const 10000000))))
    (i32.const 0)))
