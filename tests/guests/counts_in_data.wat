;; Counts its events in the module's own data, which says 41 at first; writes, each 10,
;; to the last byte of that page and to the first of the next, too. Sums up to 62 in a fresh instance.
(module
  (import "evq_v1" "output" (func $output (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 8190) "\29")
  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (local $sum i32)
    (i32.store8 (i32.const 8190) (i32.add (i32.load8_u (i32.const 8190)) (i32.const 1)))
    (i32.store8 (i32.const 8191) (i32.add (i32.load8_u (i32.const 8191)) (i32.const 10)))
    (i32.store8 (i32.const 8192) (i32.add (i32.load8_u (i32.const 8192)) (i32.const 10)))
    (local.set $sum
      (i32.add
        (i32.load8_u (i32.const 8190))
        (i32.add (i32.load8_u (i32.const 8191)) (i32.load8_u (i32.const 8192)))))
    ;; 62, as two digits.
    (i32.store8 (i32.const 0) (i32.add (i32.const 0x30) (i32.div_u (local.get $sum) (i32.const 10))))
    (i32.store8 (i32.const 1) (i32.add (i32.const 0x30) (i32.rem_u (local.get $sum) (i32.const 10))))
    (call $output (i32.const 0) (i32.const 0) (i32.const 2))
    (i32.const 0)))
