;; Breaks the ABI with something else than a range; the event says with what.
(module
  (import "evq_v1" "event_read" (func $event_read (param i32 i32 i32)))
  (import "evq_v1" "output" (func $output (param i32 i32 i32)))
  (import "evq_v1" "log" (func $log (param i32 i32 i32)))
  (import "evq_v1" "emit" (func $emit (param i32 i32)))
  (import "evq_v1" "error" (func $error (param i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\22good\22")
  (data (i32.const 32) "\22\ff\22")
  (data (i32.const 48) "{\22type\22:\22t\22,\22source\22:\22/bank\22}")

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (call $event_read (i32.const 0) (i32.const 9) (i32.const 1))
    (if (i32.ne (i32.load8_u (i32.const 0)) (i32.const 0x2e))    ;; not "."
      (then
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x61))    ;; a: JSON that is not UTF-8
          (then (call $output (i32.const 0) (i32.const 32) (i32.const 3))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x62))    ;; b: UTF-8 that is not JSON
          (then (call $output (i32.const 0) (i32.const 16) (i32.const 5))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x63))    ;; c: output of no known kind
          (then (call $output (i32.const 2) (i32.const 16) (i32.const 6))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x64))    ;; d: a log of no known level
          (then (call $log (i32.const 6) (i32.const 16) (i32.const 6))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x65))    ;; e: a log that is not UTF-8
          (then (call $log (i32.const 3) (i32.const 32) (i32.const 3))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x66))    ;; f: an event that is none
          (then (call $emit (i32.const 16) (i32.const 6))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x67))    ;; g: an event in another name
          (then (call $emit (i32.const 48) (i32.const 29))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x68))    ;; h: two outputs
          (then (call $output (i32.const 0) (i32.const 16) (i32.const 6))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x69))    ;; i: a code without a meaning
          (then (return (i32.const 42))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x6a))    ;; j: a negative one
          (then (return (i32.const -1))))
        (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x6b))    ;; k: an error that is not UTF-8
          (then (call $error (i32.const 32) (i32.const 3)) (return (i32.const 1))))))
    (call $output (i32.const 0) (i32.const 16) (i32.const 6))
    (i32.const 0)))
