/** `20261130T171413.123Z`, as the native side has it (native/posix/dump_folder.h). */
export const utcNow = (): string => new Date().toISOString().replaceAll(/[-:]/g, '');
