;; Looks for the canary of any other attempt, writes its own all over, and ends as its event says.
;;
;; A canary is eight bytes: an attempt's own number, and KEY, the same for all. So one comparison finds
;; every canary there is. Its event says, a letter each from "a" on: how to end, where to write, three
;; times how many pages to take, how many table elements to take; after the four bytes of its number.
;; In the end it logs "A", and one bit more for each place in which it found something.
(module
  (import "evq_v1" "event_read" (func $event_read (param i32 i32 i32)))
  (import "evq_v1" "log" (func $log (param i32 i32 i32)))
  (import "evq_v1" "attempt" (func $host_panics (result i32)))
  (memory (export "memory") MEMORY)
  DATA
  (table $empty 8 funcref)
  (table $filled 4 funcref)
  (elem (table $filled) (i32.const 0) func $one $two)
  (global $narrow (export "narrow") (mut i64) (i64.const 7))
  (global $wide (mut v128) (v128.const i64x2 8 9))
  (global $found (mut i32) (i32.const 0))
  (type $number (func (result i32)))
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func $canary (result i32) (i32.const KEY))

  (elem declare func $canary)

  (func $find (param $where i32) (param $is i32)
    (if (local.get $is) (then (global.set $found (i32.or (global.get $found) (local.get $where))))))

  ;; Both ends are multiples of 64.
  (func $scan (param $at i32) (param $end i32) (result i32)
    (local $key v128) (local $seen v128)
    (local.set $key (i32x4.splat (i32.const KEY)))
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 0))))
    (loop $next
      (local.set $seen (v128.or (local.get $seen)
        (v128.or
          (v128.or (i32x4.eq (local.get $key) (v128.load (local.get $at)))
            (i32x4.eq (local.get $key) (v128.load offset=16 (local.get $at))))
          (v128.or (i32x4.eq (local.get $key) (v128.load offset=32 (local.get $at)))
            (i32x4.eq (local.get $key) (v128.load offset=48 (local.get $at)))))))
      (local.set $at (i32.add (local.get $at) (i32.const 64)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (v128.any_true (local.get $seen)))

  ;; Everywhere; at the end of each page of 4096 bytes; or at both ends.
  (func $write (param $at i32) (param $end i32) (param $how i32) (param $canary i64)
    (local $both v128)
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (return)))
    (i64.store (local.get $at) (local.get $canary))
    (i64.store (i32.sub (local.get $end) (i32.const 8)) (local.get $canary))
    (if (i32.eq (local.get $how) (i32.const 1)) (then
      (local.set $at (i32.sub (i32.or (local.get $at) (i32.const 4095)) (i32.const 7)))
      (loop $page
        (i64.store (local.get $at) (local.get $canary))
        (br_if $page
          (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4096))) (local.get $end))))))
    (if (i32.eqz (local.get $how)) (then
      (local.set $both (i64x2.splat (local.get $canary)))
      (loop $next
        (v128.store (local.get $at) (local.get $both))
        (v128.store offset=16 (local.get $at) (local.get $both))
        (v128.store offset=32 (local.get $at) (local.get $both))
        (v128.store offset=48 (local.get $at) (local.get $both))
        (br_if $next
          (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 64))) (local.get $end)))))))

  (func $scan_globals
    (call $find (i32.const 4) (i64.ne (global.get $narrow) (i64.const 7)))
    (call $find (i32.const 4) (v128.any_true (v128.xor (global.get $wide) (v128.const i64x2 8 9)))))

  ;; Of $empty, from an element on: all must be null.
  (func $scan_empty (param $at i32)
    (loop $next
      (if (i32.lt_u (local.get $at) (table.size $empty)) (then
        (call $find (i32.const 8) (i32.eqz (ref.is_null (table.get $empty (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))))

  (func $scan_filled
    (call $find (i32.const 16)
      (i32.ne (call_indirect $filled (type $number) (i32.const 0)) (i32.const 1)))
    (call $find (i32.const 16)
      (i32.ne (call_indirect $filled (type $number) (i32.const 1)) (i32.const 2)))
    (call $find (i32.const 16) (i32.eqz (ref.is_null (table.get $filled (i32.const 2)))))
    (call $find (i32.const 16) (i32.eqz (ref.is_null (table.get $filled (i32.const 3))))))

  (func $letter (param $at i32) (result i32) (i32.sub (i32.load8_u (local.get $at)) (i32.const 97)))

  (func $bytes (result i32) (i32.shl (memory.size) (i32.const 16)))

  ;; Takes pages, scans them and writes into them.
  (func $take_pages (param $pages i32) (param $canary i64)
    (local $at i32)
    (local.set $at (call $bytes))
    (if (i32.eq (memory.grow (local.get $pages)) (i32.const -1)) (then unreachable))
    (call $find (i32.const 2) (call $scan (local.get $at) (call $bytes)))
    (call $write (local.get $at) (call $bytes) (call $letter (i32.const 5)) (local.get $canary)))

  (func $take_elements (param $elements i32)
    (local $at i32)
    (local.set $at (table.size $empty))
    (drop (table.grow $empty (ref.null func) (local.get $elements)))
    (call $scan_empty (local.get $at))
    (table.fill $empty (i32.const 0) (ref.func $canary) (table.size $empty))
    (table.fill $filled (i32.const 0) (ref.func $canary) (i32.const 4)))

  (func $deeper (param $canary i64) (result i64)
    (i64.add (call $deeper (local.get $canary)) (local.get $canary)))

  (func $refused_memory (drop (memory.grow (i32.const 65536))) unreachable)
  (func $refused_elements (drop (table.grow $empty (ref.null func) (i32.const 30000))) unreachable)
  (func $divides (drop (i32.div_u (i32.const 1) (i32.const 0))))
  (func $loads_beyond (drop (i32.load (call $bytes))))
  (func $fills_beyond (memory.fill (i32.const 64) (i32.const 0x43) (call $bytes)))
  (func $gives_a_bad_pointer (call $event_read (call $bytes) (i32.const 0) (i32.const 4)))

  (func $end (param $how i32) (param $canary i64) (result i32)
    (block $failed (block $beyond (block $fills (block $loads (block $divides (block $elements
    (block $memory (block $deep (block $panic (block $loops (block $traps (block $well
      (br_table $well $traps $loops $loops $panic $deep $memory $elements $divides $loads $fills $beyond
        $failed (local.get $how)))
      (return (i32.const 0)))
      unreachable)
      (loop $for_ever (br $for_ever)))
      (return (call $host_panics)))
      (drop (call $deeper (local.get $canary))))
      (call $refused_memory))
      (call $refused_elements))
      (call $divides))
      (call $loads_beyond))
      (call $fills_beyond))
      (call $gives_a_bad_pointer))
    (i32.const 1))

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (local $canary i64)
    (call $find (i32.const 1) (call $scan (i32.const 0) (call $bytes)))
    (call $scan_globals)
    (call $scan_empty (i32.const 0))
    (call $scan_filled)
    (call $event_read (i32.const 0) (i32.const 0) (i32.const 10))
    (local.set $canary
      (i64.or (i64.extend_i32_u (i32.load (i32.const 0))) (i64.shl (i64.const KEY) (i64.const 32))))
    (global.set $narrow (local.get $canary))
    (global.set $wide (i64x2.splat (local.get $canary)))
    (call $write (i32.const 64) (call $bytes) (call $letter (i32.const 5)) (local.get $canary))
    (call $take_pages (call $letter (i32.const 6)) (local.get $canary))
    (call $take_pages (call $letter (i32.const 7)) (local.get $canary))
    (call $take_pages (call $letter (i32.const 8)) (local.get $canary))
    (call $take_elements (call $letter (i32.const 9)))
    (i32.store8 (i32.const 16) (i32.add (i32.const 65) (global.get $found)))
    (call $log (i32.const 3) (i32.const 16) (i32.const 1))
    (call $end (call $letter (i32.const 4)) (local.get $canary))))
