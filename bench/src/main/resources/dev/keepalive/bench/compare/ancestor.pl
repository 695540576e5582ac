use strict;
use warnings;

die "libpoe-component-client-keepalive-perl is not installed\n"
    unless eval { require POE; require POE::Component::Client::Keepalive; 1 };
die "not measured yet\n";
