/*---
includes: [twice.js]
---*/
assert.sameValue(twice(21), 42);
