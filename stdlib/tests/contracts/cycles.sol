// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.20;

//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1359590400, "P1ML0", 1, 1371254400, true => [1359590400, 1362009600, 1364688000, 1367280000, 1371254400]
//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1359590400, "P1ML1", 0, 1371254400, true => [1359590400, 1362009600, 1364688000, 1367280000, 1369958400, 1371254400]
//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1359504000, "P1ML1", 1, 1367280000, true => [1359504000, 1362009600, 1364601600, 1367280000]
//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1362009600, "P1ML1", 1, 1367280000, false => [1362009600, 1364688000]
//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1362009600, "P1ML1", 0, 1367280000, false => [1362009600, 1364428800, 1367107200]
//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1359676800, "P3ML1", 0, 1388534400, false => [1359676800, 1367366400, 1375315200, 1383264000]
//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1356998400, "P27DL1", 0, 1362096000, true => [1356998400, 1359331200, 1361664000, 1362096000]
//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1356998400, "P27DL0", 0, 1362096000, true => [1356998400, 1359331200, 1362096000]
//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1356998400, "P2W", 0, 1359676800, true => [1356998400, 1358208000, 1359417600, 1359676800]
//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1356998400, "P1Q", 0, 1380585600, true => [1356998400, 1364774400, 1372636800, 1380585600]
//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1330473600, "P1Y", 0, 1456704000, true => [1330473600, 1362009600, 1393545600, 1425081600, 1456704000]
//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1356998400, "", 0, 1388534400, true => [1356998400, 1388534400]
//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1356998400, "", 0, 1388534400, false => [1356998400]
//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1388534400, "P1M", 0, 1388534400, true => [1388534400]
//@ run-call: schedule(uint64,string,uint8,uint64,bool) 1383350399, "P1ML1", 0, 1388534400, true => [1383350399, 1385942399, 1388534400]
//@ run-call: parse(string) "P1ML0" => 1, 3, true
//@ run-call: parse(string) "P27DL1" => 27, 1, false
//@ run-call: parse(string) "P10Y" => 10, 6, false
//@ run-call: parse(string) "P65535W" => 65535, 2, false
//@ reverts: parse(string) "" => BadCycle(bytes) 0x
//@ reverts: parse(string) "P" => BadCycle(bytes) 0x50
//@ reverts: parse(string) "1M" => BadCycle(bytes) 0x314d
//@ reverts: parse(string) "P1" => BadCycle(bytes) 0x5031
//@ reverts: parse(string) "PM" => BadCycle(bytes) 0x504d
//@ reverts: parse(string) "P1X" => BadCycle(bytes) 0x503158
//@ reverts: parse(string) "P0M" => BadCycle(bytes) 0x50304d
//@ reverts: parse(string) "P1ML" => BadCycle(bytes) 0x50314d4c
//@ reverts: parse(string) "P1ML2" => BadCycle(bytes) 0x50314d4c32
//@ reverts: parse(string) "P1ML00" => BadCycle(bytes) 0x50314d4c3030
//@ reverts: parse(string) "P65536D" => BadCycle(bytes) 0x50363535333644
//@ reverts: parse(string) "P1M0" => BadCycle(bytes) 0x50314d30
//@ reverts: parse(string) "p1M" => BadCycle(bytes) 0x70314d
import "fusor/time/Cycle.sol";

contract CyclesFixture {
    function parse(string calldata text) external pure returns (uint16, CycleUnit, bool) {
        Cycle memory c = Cycles.parse(text);
        return (c.count, c.unit, c.longStub);
    }
    function schedule(uint64 anchor, string calldata text, EndOfMonth eom, uint64 end, bool closed)
        external
        pure
        returns (uint64[] memory dates)
    {
        Cycle memory c;
        if (bytes(text).length > 0) c = Cycles.parse(text);
        uint256 n = 0;
        while (Cycles.scheduleAt(anchor, c, eom, end, closed, n) != 0) n++;
        dates = new uint64[](n);
        for (uint256 k = 0; k < n; k++) dates[k] = Cycles.scheduleAt(anchor, c, eom, end, closed, k);
    }
}
