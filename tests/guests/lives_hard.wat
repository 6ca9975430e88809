;; What a handler does in a hard life. It emits two events on each event from outside; on one that
;; says "#" it also writes a log line, on one that says "@" it works for some milliseconds, and on
;; one that says "!" it fails in its first attempt, after all of that. An emitted event does not
;; begin with its data, and nothing happens on it.
(module
  (import "evq_v1" "event_read" (func $event_read (param i32 i32 i32)))
  (import "evq_v1" "attempt" (func $attempt (result i32)))
  (import "evq_v1" "emit" (func $emit (param i32 i32)))
  (import "evq_v1" "log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "{\22type\22:\22made\22}")
  (data (i32.const 32) "heard")

  (func $work
    (local $left i32)
    (local.set $left (i32.const 3000000))
    (loop $on
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $on (local.get $left))))

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (local $said i32)
    (call $event_read (i32.const 0) (i32.const 1) (i32.const 9))
    ;; An event from outside begins with {"data":"
    (if (i64.ne (i64.load (i32.const 0)) (i64.const 0x223a226174616422))
      (then (return (i32.const 0))))
    (local.set $said (i32.load8_u (i32.const 8)))
    (if (i32.eq (local.get $said) (i32.const 0x23))
      (then (call $log (i32.const 3) (i32.const 32) (i32.const 5))))
    (if (i32.eq (local.get $said) (i32.const 0x40)) (then (call $work)))
    (call $emit (i32.const 16) (i32.const 15))
    (call $emit (i32.const 16) (i32.const 15))
    (i32.and
      (i32.eq (local.get $said) (i32.const 0x21))
      (i32.eq (call $attempt) (i32.const 1)))))
