# Measures POE::Component::Client::Keepalive: the time to allocate and free an idle connection, without other requests and
# while 10,000 requests wait for another host. Prints a line of JSON per figure.
use strict;
use warnings;
use IO::Handle;
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(time);

BEGIN {
    eval { require POE; POE->import; require POE::Component::Client::Keepalive; 1 }
        or die "libpoe-component-client-keepalive-perl is not installed\n";
}

use constant {
    WARM_UP => 2_000,
    CYCLES  => 10_000,
    CROWD   => 10_000,
    CROWDED => 100,
};

# Two hosts, both on loopback. The server accepts connections and sends nothing.
my ($a_host, $b_host) = ('127.0.0.2', '127.0.0.1');
my @listeners = map {
    IO::Socket::INET->new(Listen => 16, LocalAddr => $_, Proto => 'tcp') or die "cannot listen on $_: $!\n"
} $a_host, $b_host;
my ($a_port, $b_port) = map { $_->sockport } @listeners;
my $server = fork // die "cannot fork: $!\n";
if (!$server) {
    $SIG{ALRM} = 'DEFAULT';
    alarm 300;
    my @held = map { $_->accept } reverse @listeners;
    sleep 300;
    exit 0;
}
my $parent = $$;
END { local $?; kill KILL => $server if $server && $$ == $parent }

my ($manager, $held, $begin, $count, $cycles);
my @steps = (
    sub { measure(CYCLES) },
    sub { figure('B, nobody waits for A'); allocate_a() },
    # Ends without exit, in which POE would end ten thousand requests first.
    sub { figure('B, 10000 wait for A'); STDOUT->flush; kill KILL => $server; POSIX::_exit(0) },
);

sub figure {
    my ($setting) = @_;
    my $ns = (time - $begin) / $cycles * 1e9;
    print qq({"workload":"W4","contender":"ancestor","setting":"$setting","unit":"ns","value":$ns}\n);
}

sub allocate_b {
    $manager->allocate(scheme => 'http', addr => $b_host, port => $b_port, event => 'got_b', context => 'none');
}

sub allocate_a {
    $manager->allocate(scheme => 'http', addr => $a_host, port => $a_port, event => 'got_a', context => 'none');
}

sub measure {
    ($cycles) = @_;
    $count = 0;
    $begin = time;
    allocate_b();
}

POE::Session->create(
    inline_states => {
        _start => sub {
            $manager = POE::Component::Client::Keepalive->new(
                max_per_host => 1, max_open => 2, keep_alive => 3_600, timeout => 3_600);
            measure(WARM_UP);
        },
        # A request for B has its connection: frees it and sends the next request.
        got_b => sub {
            my $answer = $_[POE::Session::ARG0()];
            die "no connection: $answer->{error_str}\n" unless $answer->{connection};
            undef $answer->{connection};
            if (++$count < $cycles) {
                allocate_b();
            } else {
                (shift @steps)->();
            }
        },
        # The first request for A keeps its connection.
        got_a => sub {
            $held = $_[POE::Session::ARG0()]->{connection} or die "no connection to A\n";
            $manager->allocate(
                scheme => 'http', addr => $b_host, port => $b_port, event => 'crowd', context => 'none');
        },
        # All other requests for A wait. They are made while both connections are in use; otherwise the manager would look at
        # all earlier requests for each new one.
        crowd => sub {
            my $answer = $_[POE::Session::ARG0()];
            allocate_a() for 1 .. CROWD;
            undef $answer->{connection};
            measure(CROWDED);
        },
    },
);
POE::Kernel->run;
