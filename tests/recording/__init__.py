"""What every request of the tests is answered, recorded in two trees and compared: what rebuilding must not change."""
