/*---
flags: [noStrict]
---*/
undeclaredOther = 1;
assert.sameValue(undeclaredOther, 1);
