// What must arrive: requests are answered.
import { losesNothing, plain } from './load.mjs';

export const drive = (service) => losesNothing(service, plain);
