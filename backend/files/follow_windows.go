package files

// noFollow: a folder of a Root is looked at before it is opened.
const noFollow = 0
