/*---
flags: [async]
---*/
async function* three() { yield 1; yield 2; yield 3; }
(async function () { let n = 0; for await (const i of three()) n += i; assert.sameValue(n, 6); })().then($DONE, $DONE);
