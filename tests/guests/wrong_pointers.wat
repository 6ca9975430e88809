;; Gives the host a range that is not in its memory; the event says which.
(module
  (import "evq_v1" "event_read" (func $event_read (param i32 i32 i32)))
  (import "evq_v1" "output" (func $output (param i32 i32 i32)))
  (import "evq_v1" "error" (func $error (param i32 i32)))
  (import "evq_v1" "log" (func $log (param i32 i32 i32)))
  (import "evq_v1" "emit" (func $emit (param i32 i32)))
  (import "evq_v1" "random_fill" (func $random_fill (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\22good\22")

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (call $event_read (i32.const 0) (i32.const 9) (i32.const 1))
    (if (i32.ne (i32.load8_u (i32.const 0)) (i32.const 0x2e))    ;; not "."
      (then
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x61))    ;; a: beyond the end
          (then (call $output (i32.const 0) (i32.const 0x10000) (i32.const 1))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x62))    ;; b: across the end
          (then (call $output (i32.const 1) (i32.const 0xffff) (i32.const 2))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x63))    ;; c: a negative pointer
          (then (call $emit (i32.const -8) (i32.const 8))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x64))    ;; d: a negative length
          (then (call $log (i32.const 3) (i32.const 8) (i32.const -8))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x65))    ;; e: both, so that 32 bits wrap to 0
          (then (call $error (i32.const -1) (i32.const 1))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x66))    ;; f: the host would write there
          (then (call $random_fill (i32.const 0xfff8) (i32.const 9))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x67))    ;; g: so it would here
          (then (call $event_read (i32.const 0x7fffffff) (i32.const 0) (i32.const 1))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x68))    ;; h: outside the event
          (then (call $event_read (i32.const 0) (i32.const 9) (local.get $len))))))
    (call $output (i32.const 0) (i32.const 16) (i32.const 6))
    (i32.const 0)))
