import { forwarding } from './forwarding.js';
import { inheritance } from './inheritance.js';
import type { Place } from './place.js';
import { reaping } from './reaping.js';
import { statuses } from './statuses.js';

/** What must hold wherever an init runs. */
export function essentials(place: Place): void {
  const name = place.missing === undefined ? place.name : `${place.name} (skipped: ${place.missing})`;
  describe(`sigkit-init as ${name}`, () => {
    before(function () {
      if (place.missing !== undefined) this.skip();
    });
    statuses(place);
    forwarding(place);
    reaping(place);
    inheritance(place);
  });
}
