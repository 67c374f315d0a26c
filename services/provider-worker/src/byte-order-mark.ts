/** The bytes without the byte order mark that some servers put before their JSON and no reader of JSON has to take. */
export const withoutMark = (bytes: Uint8Array): Uint8Array => (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes)
