;; Emits two events on each event from outside. An emitted event does not begin with its data, and
;; nothing is emitted on it.
(module
  (import "evq_v1" "event_read" (func $event_read (param i32 i32 i32)))
  (import "evq_v1" "emit" (func $emit (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "{\22type\22:\22made\22}")

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (call $event_read (i32.const 0) (i32.const 9) (i32.const 1))
    (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x2e))
      (then
        (call $emit (i32.const 16) (i32.const 15))
        (call $emit (i32.const 16) (i32.const 15))))
    (i32.const 0)))
