//! receiver latency COUNT: the blocking iterator of signal-hook. It writes the time to its standard output when it is ready
//! and when it has one.
use signal_hook::{consts::SIGUSR2, iterator::Signals};

fn tell() {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    let ns = (time.tv_sec * 1_000_000_000 + time.tv_nsec).to_ne_bytes();
    assert_eq!(unsafe { libc::write(1, ns.as_ptr().cast(), ns.len()) }, 8);
}

fn main() {
    let count: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let mut arrived = Signals::new([SIGUSR2]).unwrap();
    tell();
    for _ in arrived.forever().take(count) {
        tell();
    }
}
