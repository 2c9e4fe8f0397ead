/*---
description: |
  A list, one a line.
includes:
  - twice.js
flags: [noStrict]
---*/
assert.sameValue(twice(2), 4);
