/** A point on the globe, in degrees north and east. */
export interface Coordinates {
  latitude: number
  longitude: number
}

const EARTH_RADIUS_KM = 6_371
const RADIANS = Math.PI / 180

/** Great-circle distance in kilometres (haversine). */
export function distanceKm(from: Coordinates, to: Coordinates): number {
  const sinLatitude = Math.sin(((to.latitude - from.latitude) * RADIANS) / 2)
  const sinLongitude = Math.sin(((to.longitude - from.longitude) * RADIANS) / 2)
  const square =
    sinLatitude * sinLatitude +
    Math.cos(from.latitude * RADIANS) * Math.cos(to.latitude * RADIANS) * sinLongitude * sinLongitude
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(square)))
}

/** The point at a fraction (0 to 1) of the great circle between two places that are not antipodes. */
export function pointBetween(from: Coordinates, to: Coordinates, fraction: number): Coordinates {
  const angle = distanceKm(from, to) / EARTH_RADIUS_KM
  if (angle === 0) return from
  const a = Math.sin((1 - fraction) * angle) / Math.sin(angle)
  const b = Math.sin(fraction * angle) / Math.sin(angle)
  const x = a * east(from, Math.cos) + b * east(to, Math.cos)
  const y = a * east(from, Math.sin) + b * east(to, Math.sin)
  const z = a * Math.sin(from.latitude * RADIANS) + b * Math.sin(to.latitude * RADIANS)
  return { latitude: Math.atan2(z, Math.hypot(x, y)) / RADIANS, longitude: Math.atan2(y, x) / RADIANS }
}

function east(point: Coordinates, part: (angle: number) => number): number {
  return Math.cos(point.latitude * RADIANS) * part(point.longitude * RADIANS)
}
