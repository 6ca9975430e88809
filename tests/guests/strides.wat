;; Touches every second page of two megabytes, so that each written page lies alone among untouched ones.
(module
  (memory (export "memory") 32)

  (func (export "evq_handle_v1") (param $len i32) (result i32)
    (local $at i32)
    (loop $next
      (i32.store (local.get $at) (i32.const 1))
      (local.set $at (i32.add (local.get $at) (i32.const 8192)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 2000000))))
    (i32.const 0)))
