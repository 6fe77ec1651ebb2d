package logs

// LineFormats are the line-by-line formats in the order they are tried.
var LineFormats = []LineFormat{}
