;; Looks through all of its memory for marks that an earlier attempt left, then covers all of it
;; with marks; ends as the event says: t traps, l loops, f fails, others do well. The answer is what
;; it found. Half of its memory is there at the start, half it takes: 512 KiB, more than a slot
;; keeps resident, so both ways of clearing are put to the test.
(module
  (import "evq_v1" "event_read" (func $event_read (param i32 i32 i32)))
  (import "evq_v1" "output" (func $output (param i32 i32 i32)))
  (memory (export "memory") 4 8)
  (data (i32.const 16) "\22clean\22")
  (data (i32.const 32) "\22dirty\22")
  (global $answer (mut i32) (i32.const 16))

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (local $at i32)
    (drop (memory.grow (i32.const 4)))
    (local.set $at (i32.const 64))
    (loop $look
      (if (i64.ne (i64.load (local.get $at)) (i64.const 0))
        (then (global.set $answer (i32.const 32))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $look (i32.lt_u (local.get $at) (i32.const 0x80000))))
    (call $event_read (i32.const 0) (i32.const 9) (i32.const 1))
    (memory.fill (i32.const 64) (i32.const 0xa5) (i32.const 0x7ffc0))
    (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x74)) (then unreachable))
    (if (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x6c)) (then (loop $for_ever (br $for_ever))))
    (call $output (i32.const 0) (global.get $answer) (i32.const 7))
    (i32.eq (i32.load8_u (i32.const 0)) (i32.const 0x66))))
