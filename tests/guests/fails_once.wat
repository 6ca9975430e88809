;; On an event that says "f": emits two events, then fails in its first attempt and does well in the
;; second. All other events, the emitted ones among them, are good.
(module
  (import "evq_v1" "event_read" (func $event_read (param i32 i32 i32)))
  (import "evq_v1" "attempt" (func $attempt (result i32)))
  (import "evq_v1" "emit" (func $emit (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "{\22type\22:\22made\22}")

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (call $event_read (i32.const 0) (i32.const 9) (i32.const 1))
    (if (i32.ne (i32.load8_u (i32.const 0)) (i32.const 0x66))
      (then (return (i32.const 0))))
    (call $emit (i32.const 16) (i32.const 15))
    (call $emit (i32.const 16) (i32.const 15))
    (i32.eq (call $attempt) (i32.const 1))))
