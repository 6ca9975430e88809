;; A handler without a toolchain: WebAssembly text, by hand, against guest-sdk/ABI.md.
;;
;; It answers with the event's size and the attempt, {"bytes":123,"attempt":1}, and logs a line.
;; Events larger than `$event_max` fail for good, with a message.
;;
;;   wasm-evq run examples/raw-wat/raw-wat.wat examples/raw-wat/events.ndjson
(module
  (import "evq_v1" "attempt" (func $attempt (result i32)))
  (import "evq_v1" "output" (func $output (param $kind i32) (param $ptr i32) (param $len i32)))
  (import "evq_v1" "log" (func $log (param $level i32) (param $ptr i32) (param $len i32)))
  (import "evq_v1" "error" (func $error (param $ptr i32) (param $len i32)))

  ;; One page, which never grows: a fresh instance of this costs next to nothing.
  (memory (export "memory") 1)
  (data (i32.const 0) "{\22bytes\22:")
  (data (i32.const 16) ",\22attempt\22:")
  (data (i32.const 32) "a handler by hand")
  (data (i32.const 64) "the event is larger than 4096 bytes")

  (global $event_max i32 (i32.const 4096))
  (global $answer i32 (i32.const 1024))
  ;; Where the next byte of the answer goes.
  (global $end (mut i32) (i32.const 1024))

  (func (export "evq_handle_v1") (param $event_len i32) (result i32)
    (if (i32.gt_u (local.get $event_len) (global.get $event_max))
      (then
        (call $error (i32.const 64) (i32.const 35))
        (return (i32.const 3))))              ;; 3: no retry can mend this

    (call $log (i32.const 3) (i32.const 32) (i32.const 17))    ;; 3: info
    (call $put (i32.const 0) (i32.const 9))
    (call $put_number (local.get $event_len))
    (call $put (i32.const 16) (i32.const 11))
    (call $put_number (call $attempt))
    (call $put_byte (i32.const 0x7d))         ;; }
    (call $output
      (i32.const 0)                           ;; 0: JSON text
      (global.get $answer)
      (i32.sub (global.get $end) (global.get $answer)))
    (i32.const 0))                            ;; 0: well

  (func $put (param $ptr i32) (param $len i32)
    (memory.copy (global.get $end) (local.get $ptr) (local.get $len))
    (global.set $end (i32.add (global.get $end) (local.get $len))))

  (func $put_byte (param $byte i32)
    (i32.store8 (global.get $end) (local.get $byte))
    (global.set $end (i32.add (global.get $end) (i32.const 1))))

  ;; In decimal: first what is left of the last digit, then that digit.
  (func $put_number (param $number i32)
    (if (i32.ge_u (local.get $number) (i32.const 10))
      (then (call $put_number (i32.div_u (local.get $number) (i32.const 10)))))
    (call $put_byte
      (i32.add (i32.const 0x30) (i32.rem_u (local.get $number) (i32.const 10))))))
