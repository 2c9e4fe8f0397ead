// The methods of Buffer that read and write numbers.
(function () {
  'use strict';
  return { install(Buffer, add, range, failure) {
    const methods = {};
    const place = (buffer, at, width) => {
      if (typeof at !== 'number') throw failure(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "offset" argument must be of type number.');
      if (!Number.isInteger(at)) throw range('offset', 'an integer', at);
      if (buffer.length < width) throw failure(RangeError, 'ERR_BUFFER_OUT_OF_BOUNDS', 'Attempt to access memory outside buffer bounds');
      if (at < 0 || at + width > buffer.length) throw range('offset', `>= 0 and <= ${buffer.length - width}`, at);
      return new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    };
    const both = (key, fn) => {
      methods[key] = fn;
      if (key.includes('UInt')) methods[key.replace('UInt', 'Uint')] = fn;
    };
    const fixed = (word, getter, width, low, high) => {
      for (const order of width === 1 ? [''] : ['LE', 'BE']) {
        both(`read${word}${order}`, function (at = 0) { return place(this, at, width)[`get${getter}`](at, order === 'LE'); });
        both(`write${word}${order}`, function (value, at = 0) {
          const number = typeof low === 'bigint' ? value : Number(value);
          if (typeof low === 'bigint' && typeof value !== 'bigint') throw failure(TypeError, 'ERR_INVALID_ARG_TYPE', 'The "value" argument must be of type bigint.');
          if (low !== undefined && (number < low || number > high)) throw range('value', `>= ${low} and <= ${high}`, value);
          place(this, at, width)[`set${getter}`](at, number, order === 'LE');
          return at + width;
        });
      }
    };
    fixed('UInt8', 'Uint8', 1, 0, 0xFF);
    fixed('Int8', 'Int8', 1, -0x80, 0x7F);
    fixed('UInt16', 'Uint16', 2, 0, 0xFFFF);
    fixed('Int16', 'Int16', 2, -0x8000, 0x7FFF);
    fixed('UInt32', 'Uint32', 4, 0, 0xFFFFFFFF);
    fixed('Int32', 'Int32', 4, -0x80000000, 0x7FFFFFFF);
    fixed('Float', 'Float32', 4);
    fixed('Double', 'Float64', 8);
    fixed('BigUInt64', 'BigUint64', 8, 0n, 0xFFFFFFFFFFFFFFFFn);
    fixed('BigInt64', 'BigInt64', 8, -0x8000000000000000n, 0x7FFFFFFFFFFFFFFFn);

    const widthOf = (width) => {
      if (!(Number.isInteger(width) && width >= 1 && width <= 6)) throw range('byteLength', '>= 1 and <= 6', width);
      return width;
    };
    for (const signed of [false, true]) {
      for (const order of ['LE', 'BE']) {
        const word = `${signed ? 'Int' : 'UInt'}${order}`;
        both(`read${word}`, function (at, width) {
          place(this, at, widthOf(width));
          let value = 0;
          for (let i = 0; i < width; i++) value = value * 256 + this[order === 'BE' ? at + i : at + width - 1 - i];
          return signed && value >= 2 ** (8 * width - 1) ? value - 2 ** (8 * width) : value;
        });
        both(`write${word}`, function (given, at, width) {
          const whole = 2 ** (8 * widthOf(width)), low = signed ? -whole / 2 : 0, high = signed ? whole / 2 - 1 : whole - 1;
          let value = Number(given);
          if (value < low || value > high) throw range('value', `>= ${low} and <= ${high}`, given);
          place(this, at, width);
          if (value < 0) value += whole;
          for (let i = 0; i < width; i++) {
            this[order === 'LE' ? at + i : at + width - 1 - i] = value % 256;
            value = Math.floor(value / 256);
          }
          return at + width;
        });
      }
    }
    for (const width of [2, 4, 8]) {
      methods[`swap${8 * width}`] = function () {
        if (this.length % width !== 0) throw failure(RangeError, 'ERR_INVALID_BUFFER_SIZE', `Buffer size must be a multiple of ${8 * width}-bits`);
        for (let i = 0; i < this.length; i += width) this.subarray(i, i + width).reverse();
        return this;
      };
    }
    add(Buffer.prototype, methods);
  } };
})
