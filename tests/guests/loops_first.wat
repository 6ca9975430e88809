;; Loops without end in the first attempt, and does well in the next.
(module
  (import "evq_v1" "event_read" (func $event_read (param i32 i32 i32)))
  (import "evq_v1" "output" (func $output (param i32 i32 i32)))
  (import "evq_v1" "attempt" (func $attempt (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\22good\22")

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (call $event_read (i32.const 0) (i32.const 9) (i32.const 1))
    (if (i32.ne (i32.load8_u (i32.const 0)) (i32.const 0x2e))    ;; not "."
      (then
        (if (i32.eq (call $attempt) (i32.const 1))
          (then (loop $for_ever (br $for_ever))))))
    (call $output (i32.const 0) (i32.const 16) (i32.const 6))
    (i32.const 0)))
