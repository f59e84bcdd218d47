//! receiver latency COUNT: a stream of tokio::signal, on the runtime of one thread. It writes the time to its standard output
//! when it is ready and when it has one.
use tokio::signal::unix::{signal, SignalKind};

fn tell() {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    let ns = (time.tv_sec * 1_000_000_000 + time.tv_nsec).to_ne_bytes();
    assert_eq!(unsafe { libc::write(1, ns.as_ptr().cast(), ns.len()) }, 8);
}

fn main() {
    let count: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut arrived = signal(SignalKind::user_defined2()).unwrap();
        tell();
        for _ in 0..count {
            arrived.recv().await.unwrap();
            tell();
        }
    });
}
