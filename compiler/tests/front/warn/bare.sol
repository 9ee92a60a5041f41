contract Bare {}
//~^ WARN W0201 1878 W0202 3420
