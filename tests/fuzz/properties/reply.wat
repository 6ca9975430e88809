;; Does what the event's data says: a script in hex, a byte at a time out of the event, so that nothing it
;; does to its memory changes what comes next. The last two bytes of the first page are where each byte is
;; read to.
(module
  (import "evq_v1" "event_read" (func $event_read (param i32 i32 i32)))
  (import "evq_v1" "output" (func $output (param i32 i32 i32)))
  (import "evq_v1" "emit" (func $emit (param i32 i32)))
  (import "evq_v1" "log" (func $log (param i32 i32 i32)))
  (import "evq_v1" "error" (func $error (param i32 i32)))
  (import "evq_v1" "retry_after_ms" (func $retry_after_ms (param i64)))
  (memory (export "memory") 1 4)
  (data (i32.const 0) "{\22type\22:\22t\22,\22data\22:[1,2]}\ff\fe plain words ")
  (global $at (mut i32) (i32.const 9))

  (func $digit (param $c i32) (result i32)
    (select
      (i32.sub (local.get $c) (i32.const 0x30))
      (i32.sub (local.get $c) (i32.const 0x57))
      (i32.lt_u (local.get $c) (i32.const 0x3a))))

  (func $byte (result i32)
    (call $event_read (i32.const 65534) (global.get $at) (i32.const 2))
    (global.set $at (i32.add (global.get $at) (i32.const 2)))
    (i32.or
      (i32.shl (call $digit (i32.load8_u (i32.const 65534))) (i32.const 4))
      (call $digit (i32.load8_u (i32.const 65535)))))

  (func $int (result i32)
    (i32.or
      (i32.or (call $byte) (i32.shl (call $byte) (i32.const 8)))
      (i32.or (i32.shl (call $byte) (i32.const 16)) (i32.shl (call $byte) (i32.const 24)))))

  (func (export "evq_handle_v1") (param i32) (result i32)
    (local $what i32)
    (loop $next
      (local.set $what (i32.and (call $byte) (i32.const 7)))
      (if (i32.eq (local.get $what) (i32.const 0)) (then (return (call $int))))
      (if (i32.eq (local.get $what) (i32.const 1)) (then (call $event_read (call $int) (call $int) (call $int))))
      (if (i32.eq (local.get $what) (i32.const 2)) (then (call $output (call $int) (call $int) (call $int))))
      (if (i32.eq (local.get $what) (i32.const 3)) (then (call $emit (call $int) (call $int))))
      (if (i32.eq (local.get $what) (i32.const 4)) (then (call $log (call $int) (call $int) (call $int))))
      (if (i32.eq (local.get $what) (i32.const 5)) (then (call $error (call $int) (call $int))))
      (if (i32.eq (local.get $what) (i32.const 6)) (then (call $retry_after_ms (i64.extend_i32_s (call $int)))))
      (if (i32.eq (local.get $what) (i32.const 7)) (then (drop (memory.grow (call $int)))))
      (br $next))
    unreachable))
