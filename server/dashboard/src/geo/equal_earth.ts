// The Equal Earth projection (Šavrič, Patterson and Jenny, 2018) for very many points: areas stay true, and the whole world is
// seen at once. x is a factor of the latitude times the longitude, so that panning costs one product a point.
// A test holds it against d3's.

const A1 = 1.340264, A2 = -0.081106, A3 = 0.000893, A4 = 0.003796;
const M = Math.sqrt(3) / 2;

/** Of a latitude in degrees: the factor of the longitude in radians, and y downward as on a screen. */
export function equalEarth(latDeg: number): { factor: number; y: number } {
  const l = Math.asin(M * Math.sin((latDeg * Math.PI) / 180));
  const l2 = l * l, l6 = l2 * l2 * l2;
  return {
    factor: Math.cos(l) / (M * (A1 + 3 * A2 * l2 + l6 * (7 * A3 + 9 * A4 * l2))),
    y: -l * (A1 + A2 * l2 + l6 * (A3 + A4 * l2)),
  };
}
/** Half the world's height and width at scale 1. */
export const kHalfHeight = -equalEarth(90).y;
export const kHalfWidth = equalEarth(0).factor * Math.PI;
