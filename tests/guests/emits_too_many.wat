;; Emits events without end.
(module
  (import "evq_v1" "event_read" (func $event_read (param i32 i32 i32)))
  (import "evq_v1" "output" (func $output (param i32 i32 i32)))
  (import "evq_v1" "emit" (func $emit (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\22good\22")
  (data (i32.const 32) "{\22type\22:\22t\22}")

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (call $event_read (i32.const 0) (i32.const 9) (i32.const 1))
    (if (i32.ne (i32.load8_u (i32.const 0)) (i32.const 0x2e))    ;; not "."
      (then
        (loop $more (call $emit (i32.const 32) (i32.const 12)) (br $more))))
    (call $output (i32.const 0) (i32.const 16) (i32.const 6))
    (i32.const 0)))
