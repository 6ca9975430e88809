;; Puts out three bytes that are neither JSON nor text.
(module
  (import "evq_v1" "output" (func $output (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\ff\80")

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (call $output (i32.const 1) (i32.const 0) (i32.const 3))
    (i32.const 0)))
