function assert(value, message) {
  if (value !== true) throw new Test262Error(message || 'not true');
}
assert.sameValue = function (actual, expected, message) {
  if (!Object.is(actual, expected)) throw new Test262Error((message || '') + ' ' + String(actual) + ' is not ' + String(expected));
};
assert.throws = function (Kind, fn, message) {
  try { fn(); } catch (thrown) {
    if (thrown && thrown.constructor === Kind) return;
    throw new Test262Error((message || '') + ' threw ' + String(thrown));
  }
  throw new Test262Error((message || '') + ' threw nothing');
};
