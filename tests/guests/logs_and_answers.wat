;; Writes a line of log, then answers.
(module
  (import "evq_v1" "log" (func $log (param i32 i32 i32)))
  (import "evq_v1" "output" (func $output (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\22good\22")

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (call $log (i32.const 3) (i32.const 17) (i32.const 4))
    (call $output (i32.const 0) (i32.const 16) (i32.const 6))
    (i32.const 0)))
