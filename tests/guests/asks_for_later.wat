;; Asks to be run again, a millisecond later, until the eighth attempt.
(module
  (import "evq_v1" "event_read" (func $event_read (param i32 i32 i32)))
  (import "evq_v1" "output" (func $output (param i32 i32 i32)))
  (import "evq_v1" "attempt" (func $attempt (result i32)))
  (import "evq_v1" "retry_after_ms" (func $retry_after_ms (param i64)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\22good\22")

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (call $event_read (i32.const 0) (i32.const 9) (i32.const 1))
    (if (i32.ne (i32.load8_u (i32.const 0)) (i32.const 0x2e))    ;; not "."
      (then
        (if (i32.lt_u (call $attempt) (i32.const 8))
          (then
            (call $retry_after_ms (i64.const 1))
            (return (i32.const 2))))))
    (call $output (i32.const 0) (i32.const 16) (i32.const 6))
    (i32.const 0)))
