/** A record by the columns that its fields begin at; its serial number comes from `dataSet`. */
export type Fields = Record<number, string>

const HEADER: Fields = { 1: "1", 2: "AIRLINE STANDARD SCHEDULE DATA SET", 41: "1", 192: "001" }
const LEG: Fields = {
  ...{ 1: "3", 3: "ZZ", 6: " 100", 10: "01", 12: "01", 14: "J", 15: "29MAR27", 22: "30OCT27", 29: "1234567" },
  ...{ 37: "LHR", 40: "1000", 44: "1000", 48: "+0100", 55: "CDG", 58: "1220", 62: "1220", 66: "+0200", 73: "320" },
  ...{ 173: "C012Y156", 193: "00" },
}

export const carrier = (fields: Fields = {}): Fields => ({
  ...{ 1: "2", 2: "L", 3: "ZZ", 11: "S27", 15: "28MAR27", 22: "30OCT27", 29: "15JAN27", 36: "SUMMER 2027", 72: "C" },
  191: "0930",
  ...fields,
})
/** ZZ 100, London to Paris daily in the summer of 2027, local times. */
export const leg = (fields: Fields = {}): Fields => ({ ...LEG, ...fields })
/** Of `leg` with the same changes in its first 14 columns. */
export const segment = (element: string, data: string, fields: Fields = {}): Fields => ({
  ...{ 1: "4", 3: "ZZ", 6: " 100", 10: "01", 12: "01", 14: "J", 29: "AB", 31: element, 34: "LHR", 37: "CDG", 40: data },
  ...fields,
})
export const trailer = (fields: Fields = {}): Fields => ({ 1: "5", 3: "ZZ", 194: "E", ...fields })

/** The records of one carrier with header and trailer, and with serial numbers. */
export function dataSet(records: Fields[], carrierFields: Fields = {}): string[] {
  const code = carrierFields[3] ?? "ZZ"
  return numbered([HEADER, carrier(carrierFields), ...records, trailer({ 3: code })])
}

/** As `dataSet`, of whole records. */
export function numbered(records: Fields[]): string[] {
  return records.map((fields, index) => {
    const check: Fields = fields[1] === "5" ? { 188: serial(index) } : {}
    return record({ ...fields, ...check, 195: serial(index + 1) })
  })
}

export const header = HEADER

export function record(fields: Fields): string {
  const bytes = Array<string>(200).fill(" ")
  for (const [column, text] of Object.entries(fields)) bytes.splice(Number(column) - 1, text.length, ...text)
  return bytes.join("")
}

const serial = (number: number) => String(number).padStart(6, "0")

/** As a file is read: in chunks of some bytes. */
export async function* chunksOf(text: string, bytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(text, "latin1")
  for (let start = 0; start < all.length; start += bytes) yield all.subarray(start, start + bytes)
}
