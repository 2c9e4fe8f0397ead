/*---
negative:
  phase: runtime
  type: RangeError
---*/
"x".repeat(-1);
