// Is replaced by a child, as far as Node can.
import { foregroundChild } from 'foreground-child';

foregroundChild('sh', ['-c', process.argv[2]]);
