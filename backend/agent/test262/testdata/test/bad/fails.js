/*---
description: Says that one is two.
---*/
assert.sameValue(1, 2);
