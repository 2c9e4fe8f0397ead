/*---
description: Passes in one mode only.
---*/
assert.sameValue((function () { return this === undefined; })(), true);
