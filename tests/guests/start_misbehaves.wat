;; Does in its start function what the event says: l loops, t traps.
(module
  (import "evq_v1" "event_read" (func $event_read (param i32 i32 i32)))
  (import "evq_v1" "output" (func $output (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\22good\22")
  (start $begin)

  (func $begin
    (call $event_read (i32.const 0) (i32.const 9) (i32.const 1))
    (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x6c)) (then (loop $for_ever (br $for_ever))))
    (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x74)) (then unreachable)))

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (call $output (i32.const 0) (i32.const 16) (i32.const 6))
    (i32.const 0)))
