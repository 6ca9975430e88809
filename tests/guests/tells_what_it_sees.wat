;; Puts out 16 bytes, the clock and 8 random ones, in the second attempt; the first fails with
;; the same as its reason. Of each byte only the lowest seven bits are kept, so that it is text.
(module
  (import "evq_v1" "attempt" (func $attempt (result i32)))
  (import "evq_v1" "now_ms" (func $now_ms (result i64)))
  (import "evq_v1" "random_fill" (func $random_fill (param i32 i32)))
  (import "evq_v1" "output" (func $output (param i32 i32 i32)))
  (import "evq_v1" "error" (func $error (param i32 i32)))
  (memory (export "memory") 1)

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (i64.store (i32.const 0) (i64.and (call $now_ms) (i64.const 0x7f7f7f7f7f7f7f7f)))
    (call $random_fill (i32.const 8) (i32.const 8))
    (i64.store (i32.const 8) (i64.and (i64.load (i32.const 8)) (i64.const 0x7f7f7f7f7f7f7f7f)))
    (if (i32.eq (call $attempt) (i32.const 1))
      (then
        (call $error (i32.const 0) (i32.const 16))
        (return (i32.const 1))))
    (call $output (i32.const 1) (i32.const 0) (i32.const 16))
    (i32.const 0)))
