import type { TimeWindow } from "@airside/protos/airside/flights/v1/flights"

/** From one time to another, "HH:MM" by the clock at the airport; an end that is not given is that of the day. */
export function toWindow(from: string | undefined, until: string | undefined): TimeWindow | undefined {
  if (from === undefined && until === undefined) return undefined
  return { fromMinute: minuteOf(from ?? "00:00"), untilMinute: minuteOf(until ?? "23:59") }
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
